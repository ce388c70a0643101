import type { Assembly } from './assemble.ts'
import type { AssembleJob } from './messages.ts'
import type { Message, Queue } from './queue.ts'

/**
 * What a worker does with a barrier message. One that has to look again goes into its queue anew, as the same signed
 * text: handing it back would count as a failed receive, and a patient barrier would end among the dead letters.
 */
export async function passBarrier(
  queue: Queue,
  { message, job }: { readonly message: Message; readonly job: AssembleJob },
  assembly: Assembly,
): Promise<void> {
  const look = await assembly.look(job.batch, job.shard)
  if (look.status === 'open') {
    const delaySeconds = Math.min(look.againSeconds, queue.limits.delaySeconds)
    const again = { body: message.body, group: message.group, attributes: message.attributes, delaySeconds }
    const [failure] = await queue.send([again])
    if (failure) {
      await queue.release([message], delaySeconds)
      return
    }
  }
  // Only now: who dies in between leaves two barriers, which is harmless, and never none.
  await queue.ack([message])
}
