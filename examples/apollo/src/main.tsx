import { ApolloProvider } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { client } from "./client";
import { Thread } from "./Thread";
import "../../shared/style.css";

const number = Number(new URLSearchParams(location.search).get("discussion") ?? 1);

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <Thread number={number} />
    </ApolloProvider>
  </StrictMode>,
);
