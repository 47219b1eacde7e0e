import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Lays `.br` and `.gz` beside each text file, so that the server compresses nothing while it serves. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir }) {
      if (!dir) return;
      const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
      for (const name of names.filter((name) => /\.(js|css|svg|html|json)$/.test(name))) {
        const bytes = readFileSync(join(dir, name));
        if (bytes.length < 256) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(bytes, { params }));
      }
    },
  };
}

const api = process.env.RAMAL_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), compressed()],
  build: { target: 'es2022', reportCompressedSize: false, chunkSizeWarningLimit: 700, assetsInlineLimit: 0 },
  server: { proxy: { '/api': { target: api, ws: true } } },
});
