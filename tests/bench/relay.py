"""A relay that delays: what comes goes on so many milliseconds later, in both directions.

usage: relay.py MILLISECONDS PORT...   (of a round trip) prints the ports it listens on instead
"""

import asyncio
import sys


async def pump(reader, writer, delay):
    """Bytes keep their order and their rate; only the time is shifted."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()

    async def late():
        while (item := await queue.get()) is not None:
            due, data = item
            await asyncio.sleep(max(0, due - loop.time()))
            writer.write(data)
            await writer.drain()
        writer.close()
    task = asyncio.create_task(late())
    try:
        while data := await reader.read(1 << 16):
            queue.put_nowait((loop.time() + delay, data))
    except OSError:
        pass
    queue.put_nowait(None)
    await task


async def main(delay, ports):
    async def connect(port, reader, writer):
        try:
            there = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pump(reader, there[1], delay), pump(there[0], writer, delay))
        except OSError:
            writer.close()
    listening = []
    for port in ports:
        server = await asyncio.start_server(lambda *pair, port=port: connect(port, *pair), "127.0.0.1", 0)
        listening.append(str(server.sockets[0].getsockname()[1]))
    print(*listening, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) / 2000, [int(port) for port in sys.argv[2:]]))
