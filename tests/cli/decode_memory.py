# SPDX-License-Identifier: MIT
"""What decoding takes in memory, for tests/cli/decode_memory.t.

    decode_memory.py make SIDE COUNT FOLDER        PNGs of SIDE x SIDE pixels, small on disk
    decode_memory.py peak PROGRAM [ARGUMENT...]    runs it; prints the most MiB that it and its children held
    decode_memory.py upload URL TOKEN COUNT FILE PID   COUNT uploads at once; prints the most MiB of the
                                                       process and its children, and the statuses

Held is resident: memory that two processes share counts twice, so this is never less than the truth."""
import glob
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def make(side, count, folder):
    packer = zlib.compressobj(1)
    row = b'\0' + b'\x40\x80\xc0' * side
    data = b''.join(packer.compress(row) for _ in range(side)) + packer.flush()
    png = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', side, side, 8, 2, 0, 0, 0))
    png += chunk(b'IDAT', data) + chunk(b'IEND', b'')
    for i in range(count):
        with open(f'{folder}/{side}-{i}.png', 'wb') as out:
            out.write(png + b'%d' % i)  # other content, the same picture


def resident(pid):
    """Bytes of a process that are its own or shared with somebody on purpose; not those of files."""
    parts = 0
    with open(f'/proc/{pid}/status') as status:
        for line in status:
            if line.startswith(('RssAnon', 'RssShmem')):
                parts += int(line.split()[1]) * 1024
    return parts


def with_children(pid):
    pids = [pid]
    for path in glob.glob(f'/proc/{pid}/task/*/children'):
        with open(path) as children:
            pids += [int(child) for child in children.read().split()]
    return pids


class Watch:
    def __init__(self, pid):
        self.pid, self.most, self.is_on = pid, 0, True
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while self.is_on:
            try:
                self.most = max(self.most, sum(map(resident, with_children(self.pid))))
            except (OSError, ValueError, IndexError):
                pass  # one of them has just ended
            time.sleep(0.005)

    def end(self):
        self.is_on = False
        self.thread.join()
        return self.most >> 20


def peak(command):
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    watch = Watch(child.pid)
    status = child.wait()
    print(watch.end(), status)


def upload(url, token, count, path, pid):
    statuses = []

    def send(data):
        request = urllib.request.Request(url, data, {'Content-Type': 'image/png', 'Authorization': f'Bearer {token}'})
        try:
            statuses.append(urllib.request.urlopen(request).status)
        except urllib.error.HTTPError as error:
            statuses.append(error.code)

    with open(path, 'rb') as file:
        data = file.read()
    watch = Watch(pid)
    threads = [threading.Thread(target=send, args=(data,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(watch.end(), *sorted(statuses))


if __name__ == '__main__':
    what, *arguments = sys.argv[1:]
    if what == 'make':
        make(int(arguments[0]), int(arguments[1]), arguments[2])
    elif what == 'peak':
        peak(arguments)
    else:
        upload(arguments[0], arguments[1], int(arguments[2]), arguments[3], int(arguments[4]))
