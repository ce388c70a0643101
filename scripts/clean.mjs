// A build starts from nothing: what a renamed source left behind must not be packed.
import { rmSync } from 'node:fs'

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
