import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  // Outside of this repository: the address of your Parley, http://…/schema.graphql.
  schema: "../../schema.graphql",
  documents: "src/**/*.ts",
  ignoreNoDocuments: true,
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: { scalars: { DateTime: "string", Html: "string", ID: "string" }, useTypeImports: true, enumsAsTypes: true },
    },
    // Lists for Graphcache which types implement an interface.
    "src/generated/introspection.ts": {
      plugins: ["urql-introspection"],
      config: { useTypeImports: true },
    },
  },
};

export default config;
