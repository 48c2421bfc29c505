"""Registrations with worker and shard on one thread and on two; and what more shards would do."""

from statistics import median

from measuring import registrations
from measuring.bench import LAB_INTERFACE
from measuring.generator import over_veth
from measuring.row import row_of
from measuring.trunkline_system import VETH, document, register_all, trunkline

from .registrations_veth import ACCOUNTS, of_trunkline

SHARDS = (2, 4, 8)


def measure(bench):
    merged, split = bench.several(of_trunkline), bench.several(of_split)
    shared = median(each.total / each.count for each in merged)
    worker, shard = (median(each[name] for each in split) for name in ("worker", "shard-0"))
    hand_over = worker + shard - shared
    rows = [row_of("registrations, worker and shard on two cores", "1/s",
                   [1 / max(each["worker"], each["shard-0"]) for each in split], peer="on one core",
                   peer_values=[each.per_second for each in merged],
                   how="topology: split. The figure is what the busier thread could do with a core "
                       "of its own, from its CPU time a registration; here both share two cores with "
                       "the generator.",
                   note=f"worker {1e6 * worker:.2f} us, shard {1e6 * shard:.2f} us a registration; "
                        f"handing over costs {1e6 * hand_over:.2f} us of them.")]
    for shards in SHARDS:
        if len(bench.cpus) >= shards + 2:
            rates = [of_shards(bench, shards) for _ in range(bench.runs)]
            rows.append(row_of(f"registrations with {shards} shards, {shards + 1} cores", "1/s", rates,
                               peer="on one core", peer_values=[each.per_second for each in merged],
                               how="topology: split; by the wall, in the best second."))
        else:
            rows.append(estimate(shards, worker, shard, merged))
    return rows


def estimate(shards, worker, shard, merged):
    """One worker feeds all shards, so it bounds what they can do."""
    rate = min(1 / worker, shards / shard)
    bound = "the worker" if 1 / worker < shards / shard else "the shards"
    return row_of(f"ESTIMATE: registrations with {shards} shards, {shards + 1} cores", "1/s", [rate],
                  peer="on one core", peer_values=[each.per_second for each in merged],
                  how="Not measured: from the CPU time a registration of worker and shard, which has "
                      f"the hand-over; {bound} would be the limit. It leaves out what caches and "
                      "memory shared by more cores cost.")


def of_split(bench):
    """Seconds of CPU time a registration, by thread."""
    result = on_cpus(bench, 1, [bench.generator_cpu, bench.system_cpu])
    return {name: spent / result.count for name, spent in result.threads.items()}


def of_shards(bench, shards):
    """Registrations in the best second, with cores enough for all."""
    others = [cpu for cpu in bench.cpus if cpu != bench.generator_cpu]
    return on_cpus(bench, shards, others[:shards + 1]).peak


def on_cpus(bench, shards, cpus):
    content = document(bench, VETH, **registrations.core(ACCOUNTS, registrations.WINDOW))
    content["appliance"].update(topology="split", shards=shards)
    words = ",".join(map(str, cpus))
    with bench.wire() as instance:
        return registrations.measure(bench, instance.lab, over_veth(LAB_INTERFACE), ACCOUNTS, 3600,
                                     lambda: trunkline(bench, content, cpus=words),
                                     lambda: register_all(bench))
