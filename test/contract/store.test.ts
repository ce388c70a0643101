import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFolderStore } from '../../src/store/folder/folder.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { below } from './below.ts'
import { type OpenedStore, storeContract } from './store-contract.ts'

/** Small, so that a few objects make several pages. */
const PAGE = 4

async function openMemory(): Promise<OpenedStore> {
  return { store: createMemoryStore({ pageSize: PAGE }), close: async () => undefined }
}

async function openFolder(): Promise<OpenedStore> {
  const path = await mkdtemp(join(tmpdir(), 'lading-store-'))
  return {
    store: createFolderStore({ path, pageSize: PAGE }),
    close: () => rm(path, { recursive: true }),
  }
}

storeContract('memory', PAGE, openMemory)
storeContract('memory below a prefix', PAGE, below(openMemory))
storeContract('folder', PAGE, openFolder)
storeContract('folder below a prefix', PAGE, below(openFolder))
