import { below } from './below.ts'
import { openAmazon, openR2, openUndici, openUnknown, PAGE } from './open-s3.ts'
import { storeContract } from './store-contract.ts'

storeContract('s3 of Amazon over undici', PAGE, openUndici)
storeContract('s3 of Amazon below a prefix', PAGE, below(openAmazon))
storeContract('s3 of Cloudflare below a prefix', PAGE, below(openR2))
storeContract('s3 of an unknown service below a prefix', PAGE, below(openUnknown))
