import type { Stream } from '@libp2p/interface';

const LONGEST = 65_536;

/** Cuts a stream of bytes into frames: 4 bytes of length, big endian, then UTF-8 JSON. */
export class FrameReader {
  private held = new Uint8Array(0);

  /** Takes bytes as they come; gives the frames that are whole. Raises RangeError. */
  feed(bytes: Uint8Array): string[] {
    this.held = joined(this.held, bytes);
    const frames: string[] = [];
    while (this.held.length >= 4) {
      const length = new DataView(this.held.buffer, this.held.byteOffset).getUint32(0);
      if (length === 0 || length > LONGEST) throw new RangeError(`a frame of ${length} bytes`);
      if (this.held.length < 4 + length) break;
      frames.push(new TextDecoder().decode(this.held.subarray(4, 4 + length)));
      this.held = this.held.slice(4 + length);
    }
    return frames;
  }
}

export function frameOf(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === 0 || bytes.length > LONGEST) throw new RangeError('the frame is too long');
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, bytes.length);
  return joined(head, bytes);
}

/** The frames of a stream, in order, until it ends. */
export async function* framesOf(stream: Stream): AsyncGenerator<string> {
  const reader = new FrameReader();
  for await (const chunk of stream) {
    yield* reader.feed(chunk instanceof Uint8Array ? chunk : chunk.subarray());
  }
}

export async function sendFrame(stream: Stream, text: string): Promise<void> {
  if (!stream.send(frameOf(text))) {
    await stream.onDrain({ signal: AbortSignal.timeout(15_000) });
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
