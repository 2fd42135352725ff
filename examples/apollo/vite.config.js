import { defineConfig } from "vite";
import { besideParley } from "../shared/vite.mjs";

export default defineConfig({ server: besideParley, preview: besideParley });
