import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/",
  publicDir: false,
  build: {
    outDir: "../botfolk/static/built",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // A data: address would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      input: { pages: "src/pages.ts", icons: "src/icons.ts" },
    },
  },
});
