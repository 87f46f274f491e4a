// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "stats.h"

#include <linux/errno.h>

struct rr_stats_set rr_stats_module;

int rr_stats_init(struct rr_stats_set *set)
{
	set->cpu = alloc_percpu(struct rr_stats);
	return set->cpu ? 0 : -ENOMEM;
}

void rr_stats_exit(struct rr_stats_set *set)
{
	free_percpu(set->cpu);
	set->cpu = NULL;
}

void rr_stat_inc(struct rr_stats_set *set, enum rr_stat stat)
{
	rr_stat_add(set, stat, 1);
}

void rr_stat_add(struct rr_stats_set *set, enum rr_stat stat, u64 n)
{
	this_cpu_add(rr_stats_module.cpu->count[stat], n);
	if (set)
		this_cpu_add(set->cpu->count[stat], n);
}

void rr_stats_read(const struct rr_stats_set *set, struct rr_stats *sum)
{
	int cpu, i;

	*sum = (struct rr_stats) {};
	for_each_possible_cpu(cpu)
		for (i = 0; i < RR_STAT_NR; i++)
			sum->count[i] += READ_ONCE(per_cpu_ptr(set->cpu, cpu)->count[i]);
}
