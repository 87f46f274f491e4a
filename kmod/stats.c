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
	this_cpu_inc(rr_stats_module.cpu->count[stat]);
	if (set)
		this_cpu_inc(set->cpu->count[stat]);
}

void rr_stats_read(const struct rr_stats_set *set, struct rr_stats *sum)
{
	int cpu, i;

	*sum = (struct rr_stats) {};
	for_each_possible_cpu(cpu)
		for (i = 0; i < RR_STAT_NR; i++)
			sum->count[i] += READ_ONCE(per_cpu_ptr(set->cpu, cpu)->count[i]);
}
