import { startTransition, StrictMode, Suspense, useState } from "react";
import { createRoot } from "react-dom/client";
import { RelayEnvironmentProvider } from "react-relay";
import { createEnvironment } from "./environment";
import { Thread } from "./Thread";
import "../../shared/style.css";

const number = Number(new URLSearchParams(location.search).get("discussion") ?? 1);

function App() {
  const [environment, setEnvironment] = useState(createEnvironment);
  // Where the stream can't go on, nothing that is stored can be relied on: a new environment begins anew. What was shown
  // stays until it is there.
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
