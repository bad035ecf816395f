# gatetop: one readable GNU make file, no configure.
#
#   make              build ./gatetop              make demo       the dashboard on the sample platform
#   make test         everything that needs only   make bench      the numbers of docs/BENCHMARKS.md
#                     Debian packages              make install    PREFIX=/usr/local DESTDIR=
#   make lint test-asan test-tsan test-cluster test-platform fuzz    the deeper checks
#   make help         all targets
#
# VARIANT=release|asan|tsan|fuzz|count chooses flags and the folder below build/; CC chooses the compiler.

VERSION   := 0.1.0
PREFIX    ?= /usr/local
VARIANT   ?= release
B         := build/$(VARIANT)
PKG_CONFIG ?= pkg-config
PYTHON    ?= python3

PKGS      := ncursesw libcurl libcjson libcares libidn2 libpsl yaml-0.1 libpcre2-8 libcrypto libssl zlib
TEST_PKGS := cmocka
SIM_PKGS  := libnghttp2 libmicrohttpd libssl libcrypto
# The targets that install or that need no library must work before the libraries are there.
NO_LIBS   := deps clean format demo test lint test-asan test-tsan test-cluster test-platform platform platform-demo platform-down bench profile divergence growth fuzz screenshot uninstall dist help
# Debian's packages, for the message below; tests/deps installs them.
DEBIAN_ncursesw := libncurses-dev
DEBIAN_libcurl := libcurl4-openssl-dev
DEBIAN_libcjson := libcjson-dev
DEBIAN_libcares := libc-ares-dev
DEBIAN_libidn2 := libidn2-dev
DEBIAN_libpsl := libpsl-dev
DEBIAN_yaml-0.1 := libyaml-dev
DEBIAN_libpcre2-8 := libpcre2-dev
DEBIAN_libcrypto := libssl-dev
DEBIAN_libssl := libssl-dev
DEBIAN_zlib := zlib1g-dev
DEBIAN_cmocka := libcmocka-dev
DEBIAN_libnghttp2 := libnghttp2-dev
DEBIAN_libmicrohttpd := libmicrohttpd-dev
GOALS     := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out $(NO_LIBS),$(GOALS)),)
NEEDED    := $(PKGS) $(if $(filter demo-built check check-variant headers lint-run compile_commands.json divergence-run growth-run memory replay $(B)/tests/%,$(GOALS)),$(TEST_PKGS) $(SIM_PKGS))
MISSING   := $(sort $(foreach p,$(NEEDED),$(shell $(PKG_CONFIG) --exists $(p) 2>/dev/null || echo $(p))))
ifneq ($(MISSING),)
ifeq ($(shell command -v $(PKG_CONFIG) 2>/dev/null),)
$(error $(PKG_CONFIG) is missing (Debian package pkg-config). Run 'make deps' to install it)
endif
$(error missing libraries: $(MISSING) (Debian packages: $(sort $(foreach p,$(MISSING),$(DEBIAN_$(p))))). Run 'make deps' to install them)
endif
endif

CFLAGS_release := -O2 -g -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DGATETOP_SANITIZED
CFLAGS_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer -DGATETOP_SANITIZED
# Counts basic blocks: tests/support/work_count.h.
CFLAGS_count   := -O1 -g -fsanitize-coverage=trace-pc -DGATETOP_COUNTED
CFLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DGATETOP_SANITIZED
LDFLAGS_release := -Wl,-z,relro,-z,now -Wl,--as-needed -pie
LDFLAGS_asan   := -Wl,-z,now -fsanitize=address,undefined
LDFLAGS_tsan   := -Wl,-z,now -fsanitize=thread
LDFLAGS_count  := -Wl,-z,now
LDFLAGS_fuzz   := -fsanitize=address,undefined

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wformat=2 -Wundef -Wvla -Wcast-qual -fno-common $(if $(WERROR),-Werror)
CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -DGATETOP_VERSION='"$(VERSION)"' \
            -DGATETOP_DATADIR='"$(PREFIX)/share/gatetop"'
# What is missing is reported above, for the targets that need it.
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags-only-I $(PKGS) 2>/dev/null)
LIBS       := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lresolv -lm
SIM_LIBS   := $(shell $(PKG_CONFIG) --libs $(SIM_PKGS) 2>/dev/null)
TEST_LIBS  := $(shell $(PKG_CONFIG) --libs $(TEST_PKGS) 2>/dev/null)
ALL_CFLAGS = -std=c17 -fPIE -pthread $(WARN) $(CFLAGS_$(VARIANT)) $(PKG_CFLAGS) $(CFLAGS)

SRC  := $(sort $(shell find kube views tui -name '*.c'))
OBJ  := $(SRC:%.c=$(B)/%.o) $(B)/themes/default.o
MAIN := $(filter %/main.o,$(OBJ))
LIB  := $(B)/libgatetop.a
SIM_SRC := $(sort $(wildcard tests/apisim/*.c))
SIM_OBJ := $(SIM_SRC:%.c=$(B)/%.o)
# harness.o runs before main and is named by nobody: each program is linked with the object itself.
HARNESS := $(B)/tests/support/harness.o
SUP_SRC := $(sort $(wildcard tests/support/*.c))
SUP_OBJ := $(filter-out $(HARNESS),$(SUP_SRC:%.c=$(B)/%.o))
# Fuzz targets are part of the support library, so that t_fuzz_replay can run them on the corpora.
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ    := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)
SUP_OBJ += $(FUZZ_SRC:%.c=$(B)/%.o)
FUZZ_SECONDS ?= 600
FUZZ_LONG_SECONDS ?= $(shell expr 6 '*' $(FUZZ_SECONDS))
UNIT    := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/t_*.c)))
TEST_SRC := $(sort $(wildcard tests/*/*.c))
HEADERS := $(sort $(shell find kube views tui -name '*.h') $(wildcard tests/*/*.h))

# One short line for each file; V=1 shows the whole commands.
Q   := $(if $(V),,@)
say := $(if $(V),@true,@echo)

.PHONY: all deps check-man docs demo-built lint lint-run headers test test-asan test-tsan test-cluster test-platform platform platform-demo platform-down bench profile divergence divergence-run soak growth growth-run memory check check-variant fuzz fuzz-run replay demo clean format install uninstall test-install screenshot check-readme dist help
all: gatetop $(wildcard compile_commands.json)

gatetop: $(B)/gatetop
	@rm -f $@ # it may be running
	@cp $< $@

$(B)/gatetop: $(MAIN) $(LIB) $(B)/flags
	$(say) "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $(MAIN) $(LIB) $(LIBS)

$(LIB): $(filter-out $(MAIN),$(OBJ)) $(B)/sources
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

# Flags are an input like any other: a change of compiler or flags rebuilds (but for -Werror, which changes
# no object). So is the list of files: what is deleted leaves the library.
SIGNATURE = $(filter-out -Werror,$(CC) $(ALL_CFLAGS) $(CPPFLAGS) $(LDFLAGS))
$(B)/flags: KEPT = $(SIGNATURE)
$(B)/sources: KEPT = $(SRC)
$(B)/flags $(B)/sources: FORCE
	@mkdir -p $(B)
	@echo '$(KEPT)' | cmp -s - $@ || echo '$(KEPT)' > $@
FORCE:

# FLAGS_FILE: what one file needs beside the flags of all.
FLAGS_tests/unit/t_fuzz_replay.c := -I$(B)
COMPILE = $(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(FLAGS_$1)
$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(say) "  CC    $<"
	$(Q)$(call COMPILE,$<) -MMD -MP -c -o $@ $<

# For clangd and `make lint`: how each file is compiled. Once it is there, `make` keeps it up to date.
COMMANDS := compile_commands.json
comma := ,
define newline


endef
json     = "$(subst ",\",$(subst \,\\,$1))"
command  = {"directory": $(call json,$(CURDIR)), "file": "$1", "command": $(call json,$(filter-out -Werror,$(call COMPILE,$1)) -c $1)}
commands = [$(call command,$(firstword $1))$(foreach f,$(wordlist 2,$(words $1),$1),$(comma)$(newline)$(call command,$f))]
$(COMMANDS): $(B)/flags FORCE
	$(file >$(B)/$@,$(call commands,$(SRC) $(TEST_SRC)))
	@cmp -s $(B)/$@ $@ || cp $(B)/$@ $@

# Each header compiles alone. One that has only macros is, to -Wpedantic, an empty file.
headers: $(HEADERS:%=$(B)/%.alone)
$(B)/%.h.alone: %.h $(B)/flags
	@mkdir -p $(@D)
	$(say) "  HEAD  $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -Wno-pedantic -fsyntax-only -MMD -MP -MF $@.d -MT $@ -x c -include $< /dev/null
	@touch $@

# The default theme is compiled in: a C string for each line of the file.
$(B)/themes/default.c: themes/default.theme
	@mkdir -p $(@D)
	$(say) "  GEN   $@"
	$(Q){ echo '#include "tui/screen/theme.h"'; echo 'const char theme_default_text[] ='; \
	    sed 's/[\\"]/\\&/g; s/.*/    "&\\n"/' $<; echo '    ;'; } > $@
$(B)/themes/default.o: $(B)/themes/default.c $(B)/flags
	$(say) "  CC    $<"
	$(Q)$(call COMPILE,$<) -MMD -MP -c -o $@ $<

# Tests: one program for each tests/unit/t_*.c, linked with everything but main.
$(B)/apisim: $(filter %/apisim_main.o,$(SIM_OBJ)) $(B)/libapisim.a $(LIB)
	$(say) "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(SIM_LIBS) $(LIBS)
$(B)/libapisim.a: $(filter-out %/apisim_main.o,$(SIM_OBJ))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
$(B)/libsupport.a: $(SUP_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
$(B)/tests/%: $(B)/tests/unit/%.o $(HARNESS) $(B)/libsupport.a $(B)/libapisim.a $(LIB)
	@mkdir -p $(@D)
	$(say) "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(TEST_LIBS) $(SIM_LIBS) -lvterm -lutil $(LIBS)
# Loaded into the program by t_failpoints. No sanitizer: it would have to be loaded before the program's own.
# __NO_INLINE__: the headers of the C library define none of these functions inline.
$(B)/failpoint.so: tests/failpoint/failpoint.c tests/failpoint/failpoint.h $(B)/flags
	$(say) "  LINK  $@"
	$(Q)$(CC) $(CPPFLAGS) -D__NO_INLINE__ -std=c17 -O1 -g -fPIC -shared -pthread $(WARN) -o $@ $<
$(B)/tests/t_failpoints: | $(B)/failpoint.so
$(B)/tests/t_calls: | $(MAIN)
# gatetop with threads that a test can make compute for ever: tests/stuck/stuck.c.
STUCK := app_updater_run app_rows_build table_build dns_round_more probe_worker_done
$(B)/stuck: $(MAIN) $(B)/tests/stuck/stuck.o $(LIB)
	$(say) "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) $(STUCK:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)
$(B)/tests/t_stuck: | $(B)/stuck
.PRECIOUS: $(B)/%.o
$(B)/tests/unit/t_fuzz_replay.o: $(B)/fuzz_targets.inc
$(B)/fuzz_targets.inc: FORCE
	@mkdir -p $(B)
	@printf 'FUZZ_TARGET(%s)\n' $(FUZZ) | cmp -s - $@ || printf 'FUZZ_TARGET(%s)\n' $(FUZZ) > $@

# make fuzz: each target for FUZZ_SECONDS of the processor's time with libFuzzer (clang), those that everything from a server
# or a file passes through for FUZZ_LONG_SECONDS; make fuzz FUZZ='yaml stream_splitter' for some. What is found stays below
# tests/fuzz/corpus as a regression input.
fuzz:
	$(MAKE) VARIANT=fuzz CC=clang fuzz-run
fuzz-run: $(FUZZ:%=$(B)/fuzz/%)
	$(PYTHON) tests/fuzz/run $(B) $(FUZZ_SECONDS) $(FUZZ_LONG_SECONDS) $(FUZZ)
$(B)/fuzz/%: tests/fuzz/fuzz_%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -DGATETOP_LIBFUZZER $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS_$(VARIANT)) -o $@ $< $(LIB) $(LIBS)
replay: $(B)/tests/t_fuzz_replay
	$<

# Several at once (JOBS=N; tests/run knows what has to run alone). T='t_host t_trace': only these programs;
# TEST='*wildcard*': only their tests of that name. V=1 shows what the tests measure.
TESTS := $(if $(T),$(T:%=$(B)/tests/%),$(UNIT))
RUN   := $(if $(TEST),GATETOP_TEST='$(TEST)') $(if $(V),V=1) $(PYTHON) tests/run $(if $(JOBS),-j $(JOBS)) $(B)
check: $(if $(T),,headers) gatetop $(TESTS) $(B)/apisim
	$(RUN) $(TESTS)

test: deps
	$(MAKE) --no-print-directory check

# The sanitizers' builds stay below build/, ./gatetop is always the release build.
SANITIZER_ENV = ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1 \
    LSAN_OPTIONS=suppressions=$(CURDIR)/tests/asan.supp:print_suppressions=0 \
    UBSAN_OPTIONS=print_stacktrace=1 \
    TSAN_OPTIONS=suppressions=$(CURDIR)/tests/tsan.supp:halt_on_error=1:second_deadlock_stack=1 \
    GATETOP_TEST_TIMEOUT=900
# In t_stuck threads are left behind; a sanitizer's build waits for every thread, as it looks for leaks.
SANITIZED_TESTS := $(filter-out %/t_stuck,$(TESTS))
check-variant: $(B)/gatetop $(SANITIZED_TESTS) $(B)/apisim
	$(SANITIZER_ENV) $(RUN) $(SANITIZED_TESTS)
test-asan test-tsan: test-%: deps
	$(MAKE) VARIANT=$* check-variant

# The divergence test at length; under AddressSanitizer unless VARIANT says otherwise. GATETOP_SEED repeats a run.
DIVERGENCE_CHANGES ?= 1000000
divergence: deps
	$(MAKE) VARIANT=$(if $(filter file,$(origin VARIANT)),asan,$(VARIANT)) divergence-run
divergence-run: $(B)/tests/t_divergence
	$(SANITIZER_ENV) tests/divergence $< $(DIVERGENCE_CHANGES)

# What finds something only after a long time: an hour of faults, of a monkey under AddressSanitizer, of kills, and every call
# of the system failing once. For a weekly run.
SOAK_SECONDS ?= 3600
SOAK_TESTS := t_soak t_monkey t_failpoints t_kills
soak: deps
	$(MAKE) VARIANT=asan build/asan/gatetop build/asan/tests/t_monkey build/asan/tests/t_mutants
	$(MAKE) gatetop $(SOAK_TESTS:%=$(B)/tests/%)
	tests/soak $(B) build/asan $(SOAK_SECONDS)

# Work grows no faster than n log n, in every direction in which a cluster can grow: basic blocks are counted, so that a busy
# machine makes no difference. make check looks at the memory alone.
growth: deps
	$(MAKE) VARIANT=count growth-run
growth-run: $(B)/tests/t_growth
	V=1 $(PYTHON) tests/run $(B) $<

# What is held after MEMORY_CHANGES changes of 1,000 objects, and of 1,000,000 objects; make check does the same with fewer.
MEMORY_CHANGES ?= 100000
memory: $(B)/tests/t_memory $(B)/tests/t_sync_cost
	GATETOP_MEMORY_CHANGES=$(MEMORY_CHANGES) $<
	GATETOP_SYNC_APPLICATIONS=285715 $(B)/tests/t_sync_cost

# A real etcd and kube-apiserver, built with Go (tests/cluster). Says so and fails where there is no Go.
test-cluster: deps
	$(MAKE) gatetop $(B)/mirror
	MIRROR=$(B)/mirror tests/cluster/run
$(B)/mirror: $(B)/tests/cluster/mirror.o $(LIB)
	$(say) "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(LIBS)
# The platform in namespaces of this machine (tests/platform, docs/PLATFORM.md); as root, with Go.
platform: deps
	@$(MAKE) --no-print-directory gatetop
	@tests/platform/up
platform-demo: deps
	@$(MAKE) --no-print-directory gatetop
	@tests/platform/demo $(DEMO_ARGS)
platform-down:
	@tests/platform/down
test-platform: deps
	$(MAKE) gatetop
	tests/platform/run
# The numbers of docs/BENCHMARKS.md: some 15 minutes on two cores that do nothing else. SIZES: numbers of applications.
bench: deps
	$(MAKE) gatetop $(B)/storm $(B)/tests/t_sync_cost $(B)/tests/t_growth
	PAGE=docs/BENCHMARKS.md tests/bench/run $(B) $(SIZES)
# Where the time goes: the hottest functions of a sync, of 1,000 changes and of a minute at rest (needs perf).
profile: deps
	$(MAKE) gatetop $(B)/storm
	$(PYTHON) tests/bench/profile.py --gatetop gatetop --storm $(B)/storm $(PROFILE_ARGS)
$(B)/storm: $(B)/tests/bench/storm.o $(B)/libapisim.a $(LIB)
	$(say) "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(SIM_LIBS) $(LIBS)

deps:
	@tests/deps

# clang-tidy (.clang-tidy) and cppcheck over all sources, or over F='kube/base/err.c'. What passed is remembered
# outside of the tree.
lint:
	@tests/deps lint
	@$(MAKE) --no-print-directory lint-run
lint-run: $(COMMANDS) $(B)/fuzz_targets.inc
	$(PYTHON) tests/lint $(COMMANDS) $(F)

# The embedded simulator with the sample platform, and the dashboard on it. DEMO_ARGS: further arguments.
demo: deps
	@$(MAKE) --no-print-directory demo-built
demo-built: gatetop $(B)/apisim
	@tests/demo $(B) $(DEMO_ARGS)

# Pages made from the program's tables and files; t_man and t_docs fail where they drift.
$(B)/gendoc: $(B)/tests/gendoc/gendoc.o $(LIB)
	$(say) "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(LIBS)
docs: $(B)/gendoc
	$(B)/gendoc man/gatetop.1.in > man/gatetop.1
	$(B)/gendoc man/gatetop-theme.5.in > man/gatetop-theme.5
	$(PYTHON) tests/filetables
check-man: docs
	mandoc -Tlint -W warning man/gatetop.1 man/gatetop-theme.5

# The picture in README.md, from the running demo.
screenshot: deps
	@$(MAKE) --no-print-directory gatetop $(B)/apisim
	tests/screenshot $(B) README.md

# Its examples are what the program prints.
check-readme: gatetop
	$(PYTHON) tests/readme

# DESTDIR is put before every path; the binary itself knows $(PREFIX) and its own place only.
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR := $(PREFIX)/share/gatetop
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
THEMES  := $(sort $(wildcard themes/*.theme))
install: gatetop
	install -d $(foreach d,$(BINDIR) $(MANDIR)/man1 $(MANDIR)/man5 $(DATADIR)/themes $(BASHDIR) $(ZSHDIR) $(FISHDIR),'$(DESTDIR)$(d)')
	install -m 755 gatetop '$(DESTDIR)$(BINDIR)/gatetop'
	install -m 644 man/gatetop.1 '$(DESTDIR)$(MANDIR)/man1/gatetop.1'
	install -m 644 man/gatetop-theme.5 '$(DESTDIR)$(MANDIR)/man5/gatetop-theme.5'
	install -m 644 $(THEMES) '$(DESTDIR)$(DATADIR)/themes'
	./gatetop completion bash > '$(DESTDIR)$(BASHDIR)/gatetop'
	./gatetop completion zsh > '$(DESTDIR)$(ZSHDIR)/_gatetop'
	./gatetop completion fish > '$(DESTDIR)$(FISHDIR)/gatetop.fish'
	chmod 644 '$(DESTDIR)$(BASHDIR)/gatetop' '$(DESTDIR)$(ZSHDIR)/_gatetop' '$(DESTDIR)$(FISHDIR)/gatetop.fish'
uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/gatetop' '$(DESTDIR)$(MANDIR)/man1/gatetop.1' '$(DESTDIR)$(MANDIR)/man5/gatetop-theme.5' \
	    '$(DESTDIR)$(BASHDIR)/gatetop' '$(DESTDIR)$(ZSHDIR)/_gatetop' '$(DESTDIR)$(FISHDIR)/gatetop.fish' \
	    $(THEMES:themes/%='$(DESTDIR)$(DATADIR)/themes/%')
	rmdir '$(DESTDIR)$(DATADIR)/themes' '$(DESTDIR)$(DATADIR)' 2>/dev/null || :
test-install: gatetop
	tests/install '$(MAKE)' '$(PREFIX)'

# The committed sources, nothing else.
dist:
	@mkdir -p build
	git archive --prefix=gatetop-$(VERSION)/ -o build/gatetop-$(VERSION).tar.gz HEAD
	@echo build/gatetop-$(VERSION).tar.gz

help:
	@echo "make                build ./gatetop (CC=clang: with clang; V=1: show the commands)"
	@echo "make demo           install what is missing, build, open the dashboard on the sample platform"
	@echo "make test           install what is missing, build, run every test that needs only Debian packages"
	@echo "make deps           install the Debian packages that are missing"
	@echo "make check          the tests, installing nothing; several at once, JOBS=1: one after the other"
	@echo "                    T='t_host t_trace': only these, TEST='*wildcard*': only their tests of that name"
	@echo "make lint           clang-tidy and cppcheck; F='kube/base/err.c': only these files"
	@echo "make headers        each header compiles alone (part of make check)"
	@echo "make compile_commands.json   for clangd; kept up to date by make from then on"
	@echo "make test-asan      the tests under AddressSanitizer and UBSan; test-tsan: under ThreadSanitizer"
	@echo "make test-cluster   the program against a real etcd and kube-apiserver (needs Go)"
	@echo "make platform       etcd, kube-apiserver, cert-manager, an ACME server and a DNS server, running here (needs root"
	@echo "                    and Go); platform-demo: the dashboard on it, platform-down: ends it"
	@echo "make test-platform  what gatetop says of a certificate's issuance there (docs/PLATFORM.md)"
	@echo "make bench          the numbers of docs/BENCHMARKS.md, some 15 minutes (needs Go); SIZES='1000 10000 50000'"
	@echo "make profile        the hottest functions of a sync, of changes and at rest (needs perf)"
	@echo "make divergence     DIVERGENCE_CHANGES=1000000 random changes under faults, compared with the server's state"
	@echo "make soak           SOAK_SECONDS=3600 of faults, a monkey under AddressSanitizer, kills, and calls that fail"
	@echo "make growth         work grows no faster than n log n, whatever a cluster has many of"
	@echo "make memory         what is held after MEMORY_CHANGES=100000 changes of 1,000 objects, and of 1,000,000 objects"
	@echo "make fuzz           each fuzz target for FUZZ_SECONDS=600 of the processor's time, three for six times as"
	@echo "                    long (needs clang); FUZZ='yaml object': only these; replay: their corpora only"
	@echo "make install        PREFIX=/usr/local DESTDIR=; uninstall removes it, test-install tries both"
	@echo "make docs           man pages and tables of files from what is there; check-man: with mandoc's lint"
	@echo "make screenshot     the picture in README.md from the running demo; check-readme: its examples"
	@echo "make format         clang-format on everything"
	@echo "make dist           build/gatetop-$(VERSION).tar.gz of the committed sources"
	@echo "make clean          remove what was built"

format:
	clang-format -i $(SRC) $(TEST_SRC) $(HEADERS)

clean:
	rm -rf build gatetop compile_commands.json

-include $(OBJ:.o=.d) $(TEST_SRC:%.c=$(B)/%.d) $(HEADERS:%=$(B)/%.alone.d)
