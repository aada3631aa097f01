/**
 * The entry of the child process that makes key pairs. It talks over IPC only: no secret is ever in its arguments,
 * its environment or its output. It exits as soon as its parent is gone, however that died.
 */
import { constants, setPriority } from 'node:os'
import { generateCheckedKeyPair } from '#lib/kms/crypto/generate-key-pair.ts'
import type { GenerationReply, GenerationRequest } from './generation-messages.ts'

setPriority(constants.priority.PRIORITY_LOW)

// An ordinary exit would first finish the key that a thread is working on.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches every process of the terminal; the parent may still be waiting for a key it has promised.
process.on('SIGINT', () => undefined)

process.on('message', (request: GenerationRequest) => {
  void answer(request)
})

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
