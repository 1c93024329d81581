import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../../openapi/schema.graphql",
  documents: "*.graphql",
  generates: {
    "generated/": {
      preset: "client",
      // Each document by its SHA-256, and persisted-documents.json with their texts.
      presetConfig: { persistedDocuments: { hashAlgorithm: "sha256" }, fragmentMasking: false },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        importExtension: ".js",
        useTypeImports: true,
        scalars: { DateTime: "string", Decimal: "string" },
      },
    },
  },
};

export default config;
