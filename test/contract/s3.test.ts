import { openAmazon, openR2, openSdk, openUnknown, PAGE } from './open-s3.ts'
import { storeContract } from './store-contract.ts'

storeContract('s3 of Amazon', PAGE, openAmazon)
storeContract('s3 of Amazon by the SDK', PAGE, openSdk)
storeContract('s3 of Cloudflare', PAGE, openR2)
storeContract('s3 of an unknown service', PAGE, openUnknown)
