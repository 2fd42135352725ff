import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { createClient } from "./client";
import { Thread } from "./Thread";
import "../../shared/style.css";

const number = Number(new URLSearchParams(location.search).get("discussion") ?? 1);

function App() {
  const [client, setClient] = useState(createClient);
  return (
    <Provider value={client}>
      {/* If the stream can't be resumed, the cache may hold what was never committed: a new client loads all again. */}
      <Thread number={number} onResync={() => setClient(createClient())} />
    </Provider>
  );
}

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
