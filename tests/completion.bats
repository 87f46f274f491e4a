#!/usr/bin/env bats
# Completion offers what rdmarpcctl's help has.

setup() {
	PATH=$BATS_TEST_DIRNAME/../build/bin:$PATH
	# shellcheck source=userspace/completion/rdmarpcctl
	. "$BATS_TEST_DIRNAME/../userspace/completion/rdmarpcctl"
}

# offers WORD…: what is offered for the last of them, sorted, in a line.
offers() {
	COMP_WORDS=(rdmarpcctl "$@") COMP_CWORD=$# COMPREPLY=()
	_rdmarpcctl
	printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}

@test "objects" {
	[ "$(offers '')" = "call client connection doctor handler monitor ping poller server stats" ]
	[ "$(offers -j c)" = "call client connection" ]
}

@test "commands" {
	[ "$(offers server '')" = "set show start stop" ]
	[ "$(offers connection c)" = close ]
	[ "$(offers monitor '')" = "connection error server" ]
}

@test "options, those on lines that go on included" {
	[ "$(offers server start s --max)" = "--max-calls --max-connections" ]
	[ "$(offers server set s --no)" = "--no-handler-group --no-handler-users" ]
	[ "$(offers call addr 0 --)" = --timeout ]
}

@test "names of servers, where a name belongs" {
	rdmarpcctl() {
		if [ "$*" = "server show" ]; then
			echo 'server first state listening'
			echo 'server second state listening'
		else
			command rdmarpcctl "$@"
		fi
	}
	[ "$(offers server stop '')" = "first second" ]
	[ "$(offers stats show f)" = first ]
	[ "$(offers server stop first f)" = "" ]
	[ "$(offers connection close f)" = "" ]
}
