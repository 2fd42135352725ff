import { defineConfig } from "vite";
import relay from "vite-plugin-relay";
import { besideParley } from "../shared/vite.mjs";

export default defineConfig({
  // Replaces each graphql`…` by what relay-compiler generated for it.
  plugins: [relay],
  server: besideParley,
  preview: besideParley,
});
