#!/usr/bin/env bats
# Mistakes of consumers in the kernel are reported, and the machine goes on. Each
# report is a splat, so the guests of these runs end with 121, as they should.

bats_require_minimum_version 1.5.0

setup_file() {
	export top lab dir=$BATS_FILE_TMPDIR
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	lab=${RDMARPC_LAB:-$top/.lab}
	cd "$top" || return 1
	# Lockdep reports once, so what it is to report has a guest of its own.
	boot several call_locked call_timer create_locked destroy_locked unregister_locked \
		server_destroy_locked async_irqs_off call_atomic_handler sleep_atomic_handler \
		unregister_itself_atomic call_done destroy_done destroy_twice \
		unregister_twice server_destroy_twice server_put_twice register_on_destroyed \
		call_nothing async_nothing cancel_forgotten
	boot itself unregister_itself
	boot lost destroy_done_of_lost
	boot lock unregister_with_its_lock
}

# boot NAME CASE…: makes mistakes in one guest; its log is $dir/NAME.
boot() {
	local name=$1 status=0
	shift
	"$top/tests/lab/run" --kernel uml-debug --timeout 120 --out "$dir/out" -- \
		tests/misuse/make "$@" </dev/null >"$dir/$name.said" 2>&1 3>&- &
	local lab_run=$!
	wait "$lab_run" || status=$?
	[ "$status" -eq 121 ] || cat "$dir/$name.said"
	tr -d '\r' <"$(echo "$lab"/runs/*-"$lab_run"/console.1)" >"$dir/$name"
}

# reported CASE TEXT… [--not TEXT]: between its beginning and its end, in any log.
reported() {
	local what=$1 log text
	shift
	log=$(sed -n "/misuse: begin $what\$/,/misuse: [ef][a-z]* $what\$/p" "$dir"/{several,itself,lost,lock})
	grep -v "^ " <<<"$log"
	grep -q "misuse: end $what\$" <<<"$log"
	while [ $# -gt 0 ]; do
		if [ "$1" = --not ]; then
			run ! grep -qF -e "$2" <<<"$log"
			shift 2
		else
			grep -qF -e "$1" <<<"$log"
			shift
		fi
	done
	for text in KASAN refcount_t: 'scheduling while atomic' 'blocked for more' 'Kernel panic'; do
		run ! grep -qF -e "$text" <<<"$log"
	done
}

SLEEPS="BUG: sleeping function called from invalid context"
LOCKDEP="possible recursive locking detected"
CYCLE="possible circular locking dependency"

@test "a call with a spinlock held" { reported call_locked "$SLEEPS" "rdmarpc_call() where one may not sleep"; }
@test "a call from a timer" { reported call_timer "$SLEEPS" "rdmarpc_call() where one may not sleep"; }
@test "a call from an atomic handler" { reported call_atomic_handler "$SLEEPS" "rdmarpc_call() where one may not sleep"; }
@test "a call from a done function" { reported call_done "$SLEEPS" "rdmarpc_call() where one may not sleep"; }
@test "an atomic handler that sleeps" { reported sleep_atomic_handler "$SLEEPS"; }
@test "connecting with a spinlock held" { reported create_locked "$SLEEPS" "rdmarpc_client_create() where one may not sleep"; }
@test "ends with a spinlock held" {
	reported destroy_locked "$SLEEPS" "rdmarpc_client_destroy() where one may not sleep"
	reported unregister_locked "$SLEEPS" "rdmarpc_handler_unregister() where one may not sleep"
	reported server_destroy_locked "$SLEEPS" "rdmarpc_server_destroy() where one may not sleep"
}
@test "an asynchronous call with interrupts off" { reported async_irqs_off "rdmarpc_call_async(): with interrupts off"; }
@test "a handler that returns with its cancel function set" {
	reported cancel_forgotten "a handler returned with its cancel function set"
}
@test "a handler that unregisters itself" { reported unregister_itself "$LOCKDEP" "rdmarpc_handler_unregister(): from the handler itself"; }
@test "an atomic handler that unregisters itself" {
	reported unregister_itself_atomic "$SLEEPS" "rdmarpc_handler_unregister() where one may not sleep"
}
@test "a done function that destroys its client" {
	reported destroy_done "$SLEEPS" "rdmarpc_client_destroy() where one may not sleep"
}
@test "a done function of a lost connection that destroys its client" {
	reported destroy_done_of_lost "$LOCKDEP" "rdmarpc_client_destroy(): from one of its own done functions"
}
@test "unregistering with a lock held that the handler takes" { reported unregister_with_its_lock "$CYCLE"; }
@test "ending something twice" {
	reported destroy_twice "rdmarpc_client_destroy(): not a client, or destroyed already" --not "$SLEEPS"
	reported unregister_twice "rdmarpc_handler_unregister(): not a handler, or unregistered already"
	reported server_destroy_twice "rdmarpc_server_destroy(): not one that was created, or destroyed already"
	reported server_put_twice "rdmarpc_server_put(): not one that was looked up, or put already"
}
@test "a handler for a server that is destroyed" {
	reported register_on_destroyed "rdmarpc_handler_register(): not a server any more"
}
@test "calls on nothing" {
	reported call_nothing "rdmarpc_call(): without what it needs"
	reported async_nothing "rdmarpc_call_async(): without what it needs"
}
@test "after all of that everything can be unloaded" {
	for log in several itself lost lock; do grep -q "misuse: unloaded" "$dir/$log"; done
}
