import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { KeyPair } from '#lib/kms/crypto/key-pair.ts'
import type { KeySpec } from '#lib/kms/model/key-spec.ts'
import type { GenerationReply, GenerationRequest } from './generation-messages.ts'

/** Thrown when the child ended, or could not be started, before it answered. */
export class GenerationInterrupted extends Error {
  constructor(reason: string) {
    super(`The process that makes key pairs ${reason}`)
    this.name = 'GenerationInterrupted'
  }
}

type Pending = { resolve: (pair: KeyPair) => void; reject: (error: Error) => void; deadline: NodeJS.Timeout }

/** RSA_4096 takes seconds at low priority; a child that is silent this long is stuck. In milliseconds. */
const silenceMax = 60_000

/**
 * The child process that makes key pairs, started when first needed and again after it has died. It has its own
 * thread pool and low priority, so that generating RSA keys delays no signature here (a signature waited 2.1 s behind
 * ten RSA_4096 that were made in-process, measured).
 */
export class GenerationProcess {
  readonly #entry: string
  readonly #pending = new Map<number, Pending>()
  #child: ChildProcess | undefined
  #lastId = 0

  /**
   * @param entry the child's file. Found from the working directory, which is the project for every way to start:
   * inside a bundle the place of this module says nothing.
   */
  constructor(entry: string = join(process.cwd(), 'lib', 'kms', 'material', 'generate-child.ts')) {
    this.#entry = entry
  }

  /** The child's process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /**
   * Asks the child for a key pair.
   *
   * @throws {GenerationInterrupted} if the child dies meanwhile; the next call starts another.
   */
  async generate(spec: KeySpec): Promise<KeyPair> {
    const child = this.#child ?? this.#start()
    this.#lastId += 1
    const request: GenerationRequest = { id: this.#lastId, spec }
    const answer = new Promise<KeyPair>((resolve, reject) => {
      const deadline = setTimeout(() => child.kill('SIGKILL'), silenceMax)
      this.#pending.set(request.id, { resolve, reject, deadline })
    })
    holdOpen(child)
    // A failed send is followed by the child's exit, which rejects the answer; an unheard error would end us instead.
    child.send(request, () => undefined)
    return answer
  }

  #start(): ChildProcess {
    const child = fork(this.#entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--disable-sigusr1'],
      // Nothing of our environment, which may hold the root key. Two threads: one for RSA, one for what is quick.
      env: { NODE_ENV: 'production', UV_THREADPOOL_SIZE: '2' },
    })
    this.#child = child
    child.on('message', (reply: GenerationReply) => this.#receive(child, reply))
    child.on('error', (error) => this.#lose(child, `failed: ${error.message}`))
    child.on('exit', (code, signal) => this.#lose(child, `ended (${signal ?? code})`))
    child.on('disconnect', () => this.#lose(child, 'hung up'))
    return child
  }

  #receive(child: ChildProcess, reply: GenerationReply): void {
    const pending = this.#pending.get(reply.id)
    if (!pending) return
    this.#settle(reply.id, pending)
    if ('failure' in reply) pending.reject(new Error(`A key pair could not be made: ${reply.failure}`))
    else {
      pending.resolve({
        privateKey: Buffer.from(
          reply.privateKey.buffer,
          reply.privateKey.byteOffset,
          reply.privateKey.byteLength,
        ),
        publicKey: Buffer.from(reply.publicKey),
      })
    }
    if (this.#pending.size === 0) letGo(child)
  }

  #lose(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return
    this.#child = undefined
    child.kill('SIGKILL')
    for (const [id, pending] of this.#pending) {
      this.#settle(id, pending)
      pending.reject(new GenerationInterrupted(reason))
    }
  }

  #settle(id: number, { deadline }: Pending): void {
    this.#pending.delete(id)
    clearTimeout(deadline)
  }
}

/** While a key is awaited the child keeps this process alive, like every open request. */
function holdOpen(child: ChildProcess): void {
  child.ref()
  child.channel?.ref()
}

/** An idle child must not keep a script from ending; it ends with its parent. */
function letGo(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
}
