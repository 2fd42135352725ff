// What the vite configurations of the examples have in common.

// The page and the service share an origin, so the service need not allow another one (PARLEY_ALLOWED_ORIGINS).
const target = process.env.PARLEY_URL ?? "http://127.0.0.1:8000";

/** Where vite serves the page, with Parley's endpoint below it. */
export const besideParley = {
  host: "127.0.0.1",
  proxy: { "/graphql": { target, ws: true, configure: closeBrokenStreams } },
};

/** Closes a browser's event stream when the server's was cut. Without this, vite keeps it open and silent. */
function closeBrokenStreams(proxy) {
  proxy.on("proxyRes", (answer, _request, response) => {
    answer.on("close", () => answer.complete || response.destroy());
  });
}
