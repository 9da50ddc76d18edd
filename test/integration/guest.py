# SPDX-License-Identifier: Apache-2.0
"""A booted guest, asked over the network from the front-end."""
from bed import Failed, poll


class Guest:
    def __init__(self, bed, address):
        self.bed, self.address = bed, address

    def get(self, path, *curl):
        url = f"http://{self.address}/cgi-bin/{path}"
        return self.bed.exec("frontend", "curl", "-sf", "-m", "5", url, *curl).stdout

    def status(self):
        """host, boots, uptime, vcpus, mem_kb as the guest tells them."""
        return dict(line.split("=", 1) for line in self.get("status").splitlines() if "=" in line)

    def shell(self, script):
        return self.get("sh", "--data-binary", script)

    def answers(self, seconds=60):
        return poll(f"guest {self.address} answers", seconds, self.status)

    def is_silent(self):
        try:
            self.bed.exec("frontend", "curl", "-sf", "-m", "1", f"http://{self.address}/cgi-bin/status")
        except Failed:
            return True
        return False

    def boots(self):
        return int(self.status()["boots"])

    def uptime(self):
        return float(self.status()["uptime"])
