# SPDX-License-Identifier: Apache-2.0
"""Counts everything that the documents of a cloud count, again, from the objects that are counted.

The rules are those of OpenNebula (its documents of 6.10 on quotas, images, networks, hosts), written
down a second time, from the documents alone: what differs is a counter that has drifted. Holds only
while nothing is under way.
"""
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree

from daemon import ANY_VM, OWNED

DONE, ACTIVE, SUSPENDED, POWEROFF = 6, 3, 5, 8
ON_A_HOST = {ACTIVE, SUSPENDED, POWEROFF}
RUNNING_STATES = {1, 2, 10, 11}  # PENDING, HOLD, CLONING, CLONING_FAILURE
IDLE_WHILE_ACTIVE = {27, 28, 67, 68, 51, 52, 53, 54, 56, 63, 64, 65, 33, 34}
FREE_IMAGE, USED, USED_PERSISTENT = 1, 2, 8
POOLS = {"vm": ANY_VM, "host": (), "image": OWNED, "vn": OWNED, "datastore": (), "cluster": (), "user": (), "group": (),
         "vdc": (), "secgroup": OWNED, "vmgroup": OWNED, "template": OWNED, "vrouter": OWNED, "marketapp": OWNED, "market": (),
         "document": (*OWNED, 100), "backupjob": OWNED, "hook": OWNED}


class Cloud:
    """All objects: kind → {id: element}. Networks, users and groups as their info calls tell them."""

    def __init__(self, api):
        self.objects = {}
        known = api.methods()
        for kind, args in POOLS.items():
            method = f"{kind}pool.info" + ("extended" if kind == "vm" else "")
            pool = ElementTree.fromstring(api(method, *args)) if method in known else ()
            ids = [int(one.findtext("ID")) for one in pool if one.tag not in ("QUOTAS", "VLAN_RULES") and one.find("ID") is not None]
            if kind in ("vn", "user", "group"):
                self.objects[kind] = {one: ElementTree.fromstring(api(f"{kind}.info", one)) for one in ids}
            else:
                self.objects[kind] = {int(one.findtext("ID")): one for one in pool if one.find("ID") is not None}

    def __getitem__(self, kind):
        return self.objects[kind]

    def alive(self):
        return {vm: one for vm, one in self["vm"].items() if number(one, "STATE") != DONE}

    def is_quiet(self):
        """Nothing waits for a driver."""
        images = all(number(one, "STATE") in (1, 2, 3, 5, 8) for one in self["image"].values())
        networks = all(number(one, "STATE") in (1, 5, 6) for one in self["vn"].values())
        return images and networks


def number(element, path):
    return int(element.findtext(path) or -1)


def ids(element, path):
    return sorted(int(one.text) for one in element.findall(f"{path}/ID"))


def amount(element, path):
    try:
        return Decimal(element.findtext(path) or "0")
    except ArithmeticError:
        return Decimal(0)


def history(vm):
    """Its last record, or None."""
    records = vm.findall("HISTORY_RECORDS/HISTORY")
    return max(records, key=lambda one: number(one, "SEQ")) if records else None


def nics(vm):
    found = [nic for kind in ("NIC", "NIC_ALIAS", "PCI") for nic in vm.findall(f"TEMPLATE/{kind}")]
    return [nic for nic in found if nic.findtext("NETWORK_ID")]


def floating_nics(router):
    return [nic for nic in router.findall("TEMPLATE/NIC") if nic.findtext("FLOATING_IP") == "YES" and nic.findtext("NETWORK_ID")]


class Recount:
    """`torn` are networks that lost address ranges by force: what they leased is not looked at."""

    def __init__(self, cloud, torn=()):
        self.cloud, self.torn = cloud, torn
        self.differences = []

    def expect(self, what, counted, shown):
        if counted != shown:
            self.differences.append(f"{what}: {shown} in its document, {counted} by a recount")

    def run(self):
        for part in (self.hosts, self.images, self.networks, self.leases, self.devices, self.routers, self.clusters, self.datastores, self.members,
                     self.vdcs, self.security_groups, self.vm_groups, self.backup_jobs, self.apps, self.names, self.quotas):
            part()
        return self.differences

    def hosts(self):
        use = {host: [Decimal(0), 0, []] for host in self.cloud["host"]}
        for vm, one in self.cloud.alive().items():
            if number(one, "STATE") not in ON_A_HOST:
                continue
            host = number(history(one), "HID")
            if host not in use:
                self.differences.append(f"VM {vm} is on host {host}, which is not there")
                continue
            use[host][0] += int(amount(one, "TEMPLATE/CPU") * 100)
            use[host][1] += number(one, "TEMPLATE/MEMORY") * 1024
            use[host][2].append(vm)
        for host, (cpu, memory, vms) in use.items():
            shown, what = self.cloud["host"][host], f"host {host}"
            self.expect(f"{what} CPU_USAGE", cpu, number(shown, "HOST_SHARE/CPU_USAGE"))
            self.expect(f"{what} MEM_USAGE", memory, number(shown, "HOST_SHARE/MEM_USAGE"))
            self.expect(f"{what} RUNNING_VMS", len(vms), number(shown, "HOST_SHARE/RUNNING_VMS"))
            self.expect(f"{what} VMS", sorted(vms), ids(shown, "VMS"))

    def images(self):
        users, clones = defaultdict(set), defaultdict(list)
        for vm, one in self.cloud.alive().items():
            for disk in one.findall("TEMPLATE/DISK"):
                if disk.findtext("IMAGE_ID"):
                    users[number(disk, "IMAGE_ID")].add(vm)
        for image, one in self.cloud["image"].items():
            if number(one, "CLONING_ID") >= 0:
                clones[number(one, "CLONING_ID")].append(image)
        for image in users.keys() - self.cloud["image"].keys():
            self.differences.append(f"VMs {users[image]} use image {image}, which is not there")
        for image, one in self.cloud["image"].items():
            what = f"image {image}"
            vms = sorted(users[image])
            self.expect(f"{what} VMS", vms, ids(one, "VMS"))
            self.expect(f"{what} RUNNING_VMS", len(vms), number(one, "RUNNING_VMS"))
            self.expect(f"{what} CLONES", sorted(clones[image]), ids(one, "CLONES"))
            apps = len(ids(one, "APP_CLONES"))
            self.expect(f"{what} CLONING_OPS", len(clones[image]) + apps, number(one, "CLONING_OPS"))
            used = bool(vms or clones[image] or apps)
            right = {USED_PERSISTENT if number(one, "PERSISTENT") else USED} if used else {FREE_IMAGE}
            if number(one, "STATE") not in right | {3, 5}:  # DISABLED, ERROR
                self.expect(f"{what} STATE", right, number(one, "STATE"))

    def networks(self):
        users = defaultdict(set)
        for vm, one in self.cloud.alive().items():
            for nic in nics(one):
                users[number(nic, "NETWORK_ID")].add(vm)
        for network, one in self.cloud["vn"].items():
            listed = sorted(vm for kind in ("UPDATED", "OUTDATED", "UPDATING", "ERROR") for vm in ids(one, f"{kind}_VMS"))
            self.expect(f"network {network} …_VMS", sorted(users[network]), listed)
            ranges = [number(one, "USED_LEASES") for one in one.findall("AR_POOL/AR")]
            self.expect(f"network {network} USED_LEASES", sum(ranges), number(one, "USED_LEASES"))
            for part in one.findall("AR_POOL/AR"):
                leases = len(part.findall("LEASES/LEASE"))
                self.expect(f"network {network} AR {part.findtext('AR_ID')} USED_LEASES", leases, number(part, "USED_LEASES"))

    def leases(self):
        """Each address of a NIC or reservation is leased to it, and no other one is."""
        wanted, leased = Counter(), Counter()
        for vm, one in self.cloud.alive().items():
            for nic in nics(one):
                has_lease = nic.findtext("AR_ID") is not None and nic.findtext("FLOATING_ONLY") != "YES"
                address = nic.findtext("MAC") if has_lease else None
                if address:
                    wanted[number(nic, "NETWORK_ID"), number(nic, "AR_ID"), "VM", vm, address] += 1
        for router, one in self.cloud["vrouter"].items():
            for nic in floating_nics(one):
                wanted[number(nic, "NETWORK_ID"), number(nic, "AR_ID"), "VROUTER", router, nic.findtext("VROUTER_MAC")] += 1
        for network, one in self.cloud["vn"].items():
            parent = one.findtext("PARENT_NETWORK_ID")
            for part in one.findall("AR_POOL/AR"):
                if parent and part.findtext("PARENT_NETWORK_AR_ID") is not None:
                    wanted[int(parent), number(part, "PARENT_NETWORK_AR_ID"), "VNET", network, ""] += number(part, "SIZE")
                for lease in part.findall("LEASES/LEASE"):
                    kind = next(kind for kind in ("VM", "VNET", "VROUTER") if lease.find(kind) is not None)
                    owner = number(lease, kind)
                    if (kind, owner) == ("VM", -1):
                        continue  # held: written down nowhere else
                    leased[network, number(part, "AR_ID"), kind, owner, lease.findtext("MAC") if kind != "VNET" else ""] += 1
        for key in wanted.keys() | leased.keys():
            network, part, kind, owner, address = key
            if network not in self.torn:
                self.expect(f"network {network} AR {part} leases {address} of {kind} {owner}", wanted[key], leased[key])

    def devices(self):
        """Each PCI device of a VM on a host is marked as its own, and no other one is."""
        wanted, marked = set(), set()
        for vm, one in self.cloud.alive().items():
            if number(one, "STATE") in ON_A_HOST:
                for device in one.findall("TEMPLATE/PCI[ADDRESS]"):
                    wanted.add((number(history(one), "HID"), device.findtext("ADDRESS"), vm))
        for host, one in self.cloud["host"].items():
            for device in one.findall("HOST_SHARE/PCI_DEVICES/PCI"):
                if number(device, "VMID") != -1:
                    marked.add((host, device.findtext("ADDRESS"), number(device, "VMID")))
        self.expect("PCI devices of hosts that VMs have (host, address, VM)", wanted - marked, marked - wanted)

    def routers(self):
        vms, networks = defaultdict(list), defaultdict(set)
        for vm, one in self.cloud.alive().items():
            if one.findtext("TEMPLATE/VROUTER_ID"):
                vms[number(one, "TEMPLATE/VROUTER_ID")].append(vm)
        for router, one in self.cloud["vrouter"].items():
            self.expect(f"virtual router {router} VMS", sorted(vms[router]), ids(one, "VMS"))
            for nic in one.findall("TEMPLATE/NIC"):
                networks[number(nic, "NETWORK_ID")].add(router)
        for network, one in self.cloud["vn"].items():
            self.expect(f"network {network} VROUTERS", sorted(networks[network]), ids(one, "VROUTERS"))

    def backup_jobs(self):
        """A VM knows the job that lists it."""
        jobs = {}
        for job, one in self.cloud["backupjob"].items():
            jobs.update((int(vm), job) for vm in (one.findtext("TEMPLATE/BACKUP_VMS") or "").split(",") if vm)
        for vm, one in self.cloud.alive().items():
            job = one.findtext("BACKUPS/BACKUP_CONFIG/BACKUP_JOB_ID")
            self.expect(f"VM {vm} BACKUP_JOB_ID", jobs.get(vm), int(job) if job else None)

    def clusters(self):
        lists = {kind: defaultdict(list) for kind in ("host", "datastore", "vn")}
        for host, one in self.cloud["host"].items():
            lists["host"][number(one, "CLUSTER_ID")].append(host)
        for kind in ("datastore", "vn"):
            for member, one in self.cloud[kind].items():
                for cluster in ids(one, "CLUSTERS"):
                    lists[kind][cluster].append(member)
        for tag, kind in (("HOSTS", "host"), ("DATASTORES", "datastore"), ("VNETS", "vn")):
            for cluster in lists[kind].keys() | self.cloud["cluster"].keys():
                one = self.cloud["cluster"].get(cluster)
                self.expect(f"cluster {cluster} {tag}", sorted(lists[kind][cluster]), ids(one, tag) if one is not None else "no cluster")

    def datastores(self):
        images = defaultdict(list)
        for image, one in self.cloud["image"].items():
            images[number(one, "DATASTORE_ID")].append(image)
        for datastore in images.keys() | self.cloud["datastore"].keys():
            one = self.cloud["datastore"].get(datastore)
            self.expect(f"datastore {datastore} IMAGES", sorted(images[datastore]),
                        ids(one, "IMAGES") if one is not None else "no datastore")

    def members(self):
        users = defaultdict(list)
        for user, one in self.cloud["user"].items():
            groups = ids(one, "GROUPS")
            if number(one, "GID") not in groups:
                self.differences.append(f"user {user}: its GID {one.findtext('GID')} is not among its GROUPS {groups}")
            for group in groups:
                users[group].append(user)
        for group in users.keys() | self.cloud["group"].keys():
            one = self.cloud["group"].get(group)
            self.expect(f"group {group} USERS", sorted(users[group]), ids(one, "USERS") if one is not None else "no group")
            strangers = set(ids(one, "ADMINS")) - set(users[group]) if one is not None else ()
            self.expect(f"group {group} ADMINS that are no members", [], sorted(strangers))

    def vdcs(self):
        kinds = (("CLUSTERS/CLUSTER", "CLUSTER_ID", "cluster"), ("HOSTS/HOST", "HOST_ID", "host"),
                 ("DATASTORES/DATASTORE", "DATASTORE_ID", "datastore"), ("VNETS/VNET", "VNET_ID", "vn"))
        for vdc, one in self.cloud["vdc"].items():
            self.expect(f"VDC {vdc} GROUPS that are not there", [], [group for group in ids(one, "GROUPS") if group not in self.cloud["group"]])
            for path, tag, kind in kinds:
                gone = [number(entry, tag) for entry in one.findall(path) if number(entry, "ZONE_ID") == 0]
                gone = [member for member in gone if member != -10 and member not in self.cloud[kind]]
                self.expect(f"VDC {vdc} {path} that are not there", [], gone)

    def security_groups(self):
        users = defaultdict(set)
        for vm, one in self.cloud.alive().items():
            for nic in nics(one):
                for group in (nic.findtext("SECURITY_GROUPS") or "").split(","):
                    if group.strip():
                        users[int(group)].add(vm)
        for group, one in self.cloud["secgroup"].items():
            listed = sorted(vm for kind in ("UPDATED", "OUTDATED", "UPDATING", "ERROR") for vm in ids(one, f"{kind}_VMS"))
            self.expect(f"security group {group} …_VMS", sorted(users[group]), listed)

    def vm_groups(self):
        roles = defaultdict(list)
        for vm, one in self.cloud.alive().items():
            for entry in one.findall("TEMPLATE/VMGROUP"):
                roles[number(entry, "VMGROUP_ID"), entry.findtext("ROLE")].append(vm)
        for group, one in self.cloud["vmgroup"].items():
            for role in one.findall("ROLES/ROLE"):
                shown = sorted(int(vm) for vm in (role.findtext("VMS") or "").split(",") if vm)
                self.expect(f"VM group {group} role {role.findtext('NAME')}", sorted(roles[group, role.findtext("NAME")]), shown)

    def apps(self):
        apps = defaultdict(list)
        for app, one in self.cloud["marketapp"].items():
            apps[number(one, "MARKETPLACE_ID")].append(app)
        for market, one in self.cloud["market"].items():
            self.expect(f"marketplace {market} apps", sorted(apps[market]), ids(one, "MARKETPLACEAPPS"))

    def names(self):
        """Those of one owner's images, networks, templates …, and of all hosts …, are different; the names
        of owner and group that documents repeat are those that they have."""
        for kind in ("image", "vn", "template", "secgroup", "vmgroup", "host", "cluster", "datastore", "user", "group", "vdc"):
            owned = kind in ("image", "vn", "template", "secgroup", "vmgroup")
            count = Counter((one.findtext("UID") if owned else "", one.findtext("NAME")) for one in self.cloud[kind].values())
            self.expect(f"{kind} names that are there twice", [], [name for name, times in count.items() if times > 1])
        for kind in ("vm", "image", "vn", "template", "secgroup", "vmgroup", "datastore", "user"):
            for object_id, one in self.cloud[kind].items():
                group = self.cloud["group"].get(number(one, "GID"))
                if group is not None:
                    self.expect(f"{kind} {object_id} GNAME", group.findtext("NAME"), one.findtext("GNAME"))

    def quotas(self):
        Bills(self).compare()


class Bills:
    """What users and groups use, by owner: (kind, id) → {(section, id, metric): amount}."""

    def __init__(self, recount):
        self.recount, self.cloud = recount, recount.cloud
        self.used = defaultdict(Counter)
        self.clusters = {}  # of each owner: the ids of its entries for clusters
        for kind in ("user", "group"):
            for owner, one in self.cloud[kind].items():
                entries = [vm.findtext("CLUSTER_IDS") for vm in one.findall("VM_QUOTA/VM") if vm.findtext("CLUSTER_IDS")]
                self.clusters[kind, owner] = {int(cluster): entry for entry in entries for cluster in entry.split(",")}
        for vm in self.cloud.alive().values():
            self.vm(vm)
        for image in self.cloud["image"].values():
            size = number(image, "SIZE") + sum(number(one, "SIZE") for one in image.findall("SNAPSHOTS/SNAPSHOT"))
            datastore = number(image, "DATASTORE_ID")
            self.add(image, ("DATASTORE", datastore, "SIZE"), size)
            self.add(image, ("DATASTORE", datastore, "IMAGES"), 1)
        for router in self.cloud["vrouter"].values():
            for nic in floating_nics(router):
                self.add(router, ("NETWORK", number(nic, "NETWORK_ID"), "LEASES"), 1)
        for network in self.cloud["vn"].values():
            if network.findtext("PARENT_NETWORK_ID"):
                size = sum(number(one, "SIZE") for one in network.findall("AR_POOL/AR") if one.find("PARENT_NETWORK_AR_ID") is not None)
                self.add(network, ("NETWORK", number(network, "PARENT_NETWORK_ID"), "LEASES"), size)

    def add(self, one, key, value):
        for kind, owner in (("user", number(one, "UID")), ("group", number(one, "GID"))):
            if owner != 0:
                self.used[kind, owner][key] += Decimal(value)

    def vm(self, vm):
        template = vm.find("TEMPLATE")
        pci = [one.findtext("TYPE") == "NIC" for one in template.findall("PCI")]
        use = {"VMS": 1, "CPU": amount(template, "CPU"), "MEMORY": amount(template, "MEMORY"),
               "PCI_NIC": pci.count(True), "PCI_DEV": pci.count(False)}
        use.update({f"RUNNING_{metric}": value for metric, value in list(use.items()) if counts_as_running(vm)})
        use["SYSTEM_DISK_SIZE"] = sum(amount(one, "SYSTEM_DISK_SIZE") for one in template.findall("SNAPSHOT"))
        for disk in template.findall("DISK"):
            self.disk(vm, disk, use)
        for nic in nics(vm):
            self.add(vm, ("NETWORK", number(nic, "NETWORK_ID"), "LEASES"), 1)
        last = history(vm)
        for metric, value in use.items():
            self.add(vm, ("VM", "", metric), value)
            for kind, owner in (("user", number(vm, "UID")), ("group", number(vm, "GID"))):
                entry = self.clusters.get((kind, owner), {}).get(number(last, "CID")) if last is not None else None
                if entry and owner != 0:
                    self.used[kind, owner]["VM", entry, metric] += Decimal(value)

    def disk(self, vm, disk, use):
        size = amount(disk, "SIZE") + amount(disk, "DISK_SNAPSHOT_TOTAL_SIZE")
        image = disk.findtext("IMAGE_ID")
        target = "SYSTEM"
        if image:
            self.add(vm, ("IMAGE", int(image), "RVMS"), 1)
            target = disk.findtext("CLONE_TARGET" if disk.findtext("CLONE") == "YES" else "LN_TARGET")
        if target == "SYSTEM":
            use["SYSTEM_DISK_SIZE"] += size
        elif target == "SELF":
            self.add(vm, ("DATASTORE", number(disk, "DATASTORE_ID"), "SIZE"), size)

    def compare(self):
        for kind in ("user", "group"):
            for owner, one in self.cloud[kind].items():
                shown = shown_usage(one)
                used = self.used[kind, owner]
                for key in shown.keys() | used.keys():
                    counted = Decimal(used[key]).quantize(Decimal("0.01"), ROUND_HALF_UP)
                    self.recount.expect(f"{kind} {owner} quota {key}", counted, shown.get(key, Decimal(0)).quantize(Decimal("0.01")))


def counts_as_running(vm):
    state = number(vm, "STATE")
    return state in RUNNING_STATES or state == ACTIVE and number(vm, "LCM_STATE") not in IDLE_WHILE_ACTIVE


def shown_usage(owner):
    """{(section, id, metric): amount} of a user's or group's document."""
    shown = {}
    for section in ("DATASTORE", "NETWORK", "VM", "IMAGE"):
        for entry in owner.findall(f"{section}_QUOTA/{section}"):
            where = entry.findtext("CLUSTER_IDS") or "" if section == "VM" else number(entry, "ID")
            for metric in entry:
                if metric.tag.endswith("_USED"):
                    shown[section, where, metric.tag[:-5]] = Decimal(metric.text or "0")
    return shown
