import type { WireSetup } from '../setup.ts'
import { createFastWire, type FastWire } from './fast.ts'
import type { Renewal } from './line.ts'
import type { SdkWire } from './sdk.ts'

/** The SDK, loaded at its first use, which takes 100 ms. */
export interface LateSdk {
  /** How far the store's clock is ahead of ours, in milliseconds; shared by both signers. */
  aheadMs: number
  /** Once it is loaded. */
  readonly opened: SdkWire | undefined
  open(): Promise<SdkWire>
}

/** Our own requests for the frequent operations, and the SDK for the rest; or the SDK for all. */
export function createWire(setup: WireSetup, renewal: Renewal<FastWire>): FastWire {
  return createFastWire(setup, renewal, lateSdk(setup, renewal))
}

function lateSdk(setup: WireSetup, { before, ...renewal }: Renewal<FastWire>): LateSdk {
  let opening: Promise<SdkWire> | undefined
  let opened: SdkWire | undefined
  let aheadMs = before?.sdk.aheadMs ?? 0

  const load = async (): Promise<SdkWire> => {
    const { createSdkWire } = await import('./sdk.ts')
    opened = await createSdkWire(setup, renewal, before?.sdk.opened)
    opened.client.config.systemClockOffset = aheadMs
    return opened
  }
  return {
    get aheadMs() {
      return opened?.client.config.systemClockOffset ?? aheadMs
    },
    set aheadMs(ms) {
      aheadMs = ms
      if (opened) opened.client.config.systemClockOffset = ms
    },
    get opened() {
      return opened
    },
    open() {
      opening ??= load()
      return opening
    },
  }
}
