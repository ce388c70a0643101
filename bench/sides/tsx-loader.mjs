// A loader of webpack for TypeScript with JSX, as swc-loader is: the compiler that Vite has, in the process itself, so
// that what it costs is measured with the build.
import { transformSync } from 'rolldown/utils'

const JSX = { runtime: 'classic', pragma: 'h' }

export default function compile(text) {
  const { code, errors } = transformSync(this.resourcePath, text, { target: 'es2022', jsx: JSX })
  if (errors.length > 0) throw errors[0]
  return code
}
