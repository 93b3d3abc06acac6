import { defineConfig } from "vite";

// The chat is one file that any page may load, without a name that changes.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "../botfolk/static/built",
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "chat/main.ts", formats: ["iife"], name: "BotfolkChat", fileName: () => "chat.js" },
  },
});
