#!/usr/bin/env bats
# Completion offers what rdmarpcctl's grammar has, and what there is.

setup() {
	# shellcheck source=userspace/completion/rdmarpcctl
	. "$BATS_TEST_DIRNAME/../completion/rdmarpcctl"
}

# offers WORD…: what is offered for the last of them, sorted, in a line.
offers() {
	COMP_WORDS=(rdmarpcctl "$@") COMP_CWORD=$# COMPREPLY=()
	_rdmarpcctl
	printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}

@test "objects" {
	[ "$(offers '')" = "bench call client connection doctor handler help monitor ping poller server stats top" ]
	[ "$(offers -j c)" = "call client connection" ]
	[ "$(offers -jp -s to)" = top ]
}

@test "options before the object" {
	[ "$(offers --)" = "--batch --force --help --json --pretty --statistics --version" ]
	cd "$BATS_TEST_TMPDIR"
	touch one.batch
	[ "$(offers -b o)" = one.batch ]
}

@test "commands" {
	[ "$(offers server '')" = "set show start stop" ]
	[ "$(offers connection c)" = close ]
	[ "$(offers monitor '')" = "connection error server" ]
	[ "$(offers monitor error c)" = connection ]
}

@test "options of commands" {
	[ "$(offers server start s --max)" = "--max-calls --max-connections --max-payload" ]
	[ "$(offers server set s --no)" = "--no-handler-group --no-handler-users" ]
	[ "$(offers call addr 0 --)" = "--room --timeout" ]
	[ "$(offers server start s --handler-user roo)" = root ]
	[ "$(offers server start s --listen '')" = "" ]
}

@test "what there is, where it belongs" {
	rdmarpcctl() {
		case $* in
		"-j server show") echo '[{"name":"first","state":"x"},{"name":"second"}]' ;;
		"-j connection show") echo '[{"id":12},{"id":7}]' ;;
		esac
	}
	[ "$(offers server stop '')" = "first second" ]
	[ "$(offers stats show f)" = first ]
	[ "$(offers handler serve s)" = second ]
	[ "$(offers server stop first f)" = "" ]
	[ "$(offers connection close '')" = "12 7" ]
	[ "$(offers server start f)" = "" ]
}
