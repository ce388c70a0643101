/** Masks secrets in plugin output. Loads every rule, so imported lazily. Re-exports only. */
export { credentialMask, maskText } from '../site/secrets/mask-text.ts'
