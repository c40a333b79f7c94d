# SPDX-License-Identifier: Apache-2.0
"""One ICE session of aioice, told what to do by lines on stdin, told about on stdout.

out: CREDENTIALS ufrag password | CANDIDATE sdp ... | READY
in:  CREDENTIALS ufrag password | CANDIDATE sdp ... | GO
out: CONNECTED local remote, then every datagram comes back with "echo " before it
"""
import asyncio
import sys

import aioice
from aioice import ice

ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def say(line):
    print(line, flush=True)


async def main(controlling):
    connection = aioice.Connection(ice_controlling=controlling)
    await connection.gather_candidates()
    say(f"CREDENTIALS {connection.local_username} {connection.local_password}")
    for candidate in connection.local_candidates:
        say(f"CANDIDATE {candidate.to_sdp()}")
    say("READY")
    loop = asyncio.get_running_loop()
    while True:
        line = (await loop.run_in_executor(None, sys.stdin.readline)).strip()
        word, _, rest = line.partition(" ")
        if word == "CREDENTIALS":
            connection.remote_username, connection.remote_password = rest.split(" ")
        elif word == "CANDIDATE":
            await connection.add_remote_candidate(aioice.Candidate.from_sdp(rest))
        elif word == "GO":
            await connection.add_remote_candidate(None)
            break
        else:
            raise ValueError(line)
    await asyncio.wait_for(connection.connect(), 20)
    pair = connection._nominated[1]
    say(f"CONNECTED {pair.local_addr[1]} {pair.remote_addr[1]}")
    while True:
        data = await asyncio.wait_for(connection.recv(), 20)
        if data == b"bye":
            break
        await connection.send(b"echo " + data)
    await connection.close()
    say("BYE")


asyncio.run(main(sys.argv[1] == "controlling"))
