/**
 * The entry of the child process that makes key pairs. It talks over IPC only: no secret is ever in its arguments,
 * its environment or its output. It exits as soon as its parent is gone, however that died.
 */
import { readdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { generateCheckedKeyPair } from '#lib/kms/crypto/generate-key-pair.ts'
import type { GenerationReply, GenerationRequest } from './generation-messages.ts'

lowerPriority()

// An ordinary exit would first finish the key that a thread is working on.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches every process of the terminal; the parent may still be waiting for a key it has promised.
process.on('SIGINT', () => undefined)

process.on('message', (request: GenerationRequest) => {
  void answer(request)
})

/**
 * On Linux priority belongs to a thread, and a new thread takes that of the one that starts it: those that Node has started
 * by now are lowered one by one.
 */
function lowerPriority(): void {
  const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid]
  for (const thread of threads) {
    try {
      setPriority(thread, constants.priority.PRIORITY_LOW)
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function answer({ id, spec }: GenerationRequest): Promise<void> {
  try {
    const { privateKey, publicKey } = await generateCheckedKeyPair(spec)
    send({ id, privateKey, publicKey }, () => privateKey.fill(0))
  } catch (error) {
    send({ id, failure: error instanceof Error ? error.message : 'unknown' }, () => undefined)
  }
}

function send(reply: GenerationReply, sent: () => void): void {
  // The channel may close between the question and the answer; then nobody waits for it.
  if (process.connected) process.send?.(reply, sent)
}
