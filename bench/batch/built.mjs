// Sides of the batch bench are made of our sources as they are shipped: bundled, packages left where they are. What they
// use is no part of the public surface, so dist has it only inside larger files.
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const packages = {
  name: 'packages',
  resolveId: (name) =>
    /^[./]/.test(name) || isBuiltin(name) ? null : { id: import.meta.resolve(name), external: true },
}

/** @returns {Promise<string>} the file to start, in `folder` */
export async function built(side, folder) {
  const input = new URL(`./${side}.mjs`, import.meta.url).pathname
  const build = await rolldown({ input, platform: 'node', plugins: [packages] })
  const file = join(folder, `${side}.mjs`)
  await build.write({ file, format: 'esm', codeSplitting: false })
  await build.close()
  return file
}
