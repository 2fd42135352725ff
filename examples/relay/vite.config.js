import { defineConfig } from "vite";
import relay from "vite-plugin-relay";

// The page and the service share an origin, so the service need not allow another one (PARLEY_ALLOWED_ORIGINS).
const target = process.env.PARLEY_URL ?? "http://127.0.0.1:8000";
const proxy = { "/graphql": { target, ws: true, configure: endWhatIsCut } };
const host = "127.0.0.1";

export default defineConfig({
  // Puts what relay-compiler wrote in the place of each graphql`…`.
  plugins: [relay],
  server: { host, proxy },
  preview: { host, proxy },
});

/** Vite would leave a browser's event stream open, and silent, after that of the server was cut. */
function endWhatIsCut(proxy) {
  proxy.on("proxyRes", (answer, _request, response) => {
    answer.on("close", () => answer.complete || response.destroy());
  });
}
