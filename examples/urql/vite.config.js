import { defineConfig } from "vite";

// The page and the service share an origin, so the service need not allow another one (PARLEY_ALLOWED_ORIGINS).
const proxy = { "/graphql": { target: process.env.PARLEY_URL ?? "http://127.0.0.1:8000", ws: true } };
const host = "127.0.0.1";

export default defineConfig({
  server: { host, proxy },
  preview: { host, proxy },
});
