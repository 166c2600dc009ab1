/* Counts the basic blocks that a module compiled with -fsanitize-coverage=trace-pc enters; see linear_time.py. */

#include <stdint.h>

uint64_t blocks_entered;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    blocks_entered++; /* measured in one thread */
}
