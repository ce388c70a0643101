/** Takes secrets out of what a plugin says: every rule for them, so late. Every name, no code. */
export { credentialMask, maskText } from '../site/secrets/mask-text.ts'
