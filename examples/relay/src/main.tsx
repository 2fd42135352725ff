import { startTransition, StrictMode, Suspense, useState } from "react";
import { createRoot } from "react-dom/client";
import { RelayEnvironmentProvider } from "react-relay";
import { createEnvironment } from "./environment";
import { Thread } from "./Thread";
import "../../shared/style.css";

const number = Number(new URLSearchParams(location.search).get("discussion") ?? 1);

function App() {
  const [environment, setEnvironment] = useState(createEnvironment);
  // If the stream can't be resumed, the store may hold what was never committed: a new environment loads all again. What
  // was shown stays until it has loaded.
  const resync = () => startTransition(() => setEnvironment(createEnvironment()));
  return (
    <RelayEnvironmentProvider environment={environment}>
      <Suspense fallback={<p>Loading…</p>}>
        <Thread number={number} onResync={resync} />
      </Suspense>
    </RelayEnvironmentProvider>
  );
}

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
