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
    // Lists for Apollo's cache which types implement an interface.
    "src/generated/possibleTypes.ts": {
      plugins: ["fragment-matcher"],
    },
  },
};

export default config;
