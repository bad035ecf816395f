// SPDX-License-Identifier: Apache-2.0
// A port for a server that cannot choose one itself.
#ifndef GATETOP_TESTS_FREEPORT_H
#define GATETOP_TESTS_FREEPORT_H

// Returns a port of loopback that is free for TCP and UDP, below the range from which the kernel chooses ports: no
// other test gets it before the server has it. Ends the program if there is none.
int free_port(void);

#endif
