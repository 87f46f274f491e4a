// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The one table of errors: what each means, by where it came up, and what to do.
 * The tools' messages and rdmarpcctl's man page are made of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "librdmarpc.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define ENTRY(s, e, name, o, t, a) \
	{ e, name, RDMARPC_OUTCOME_ ## o, t, a, RDMARPC_STAGE_ ## s }
#define CALL(e, o, t, a) ENTRY(CALL, e, #e, o, t, a)
/* Nothing has been called yet. */
#define CONNECT(e, t, a) ENTRY(CONNECT, e, #e, NOT_EXECUTED, t, a)
#define SERVE(e, t, a) ENTRY(SERVE, e, #e, NOT_EXECUTED, t, a)
#define ADMIN(e, t, a) ENTRY(ADMIN, e, #e, NOT_EXECUTED, t, a)

#define NO_DEVICE	"there is no /dev/rdmarpc"
#define LOAD		"load the module: modprobe rdmarpc"
/* EACCES of the device means no more than its EPERM. */
#define NOT_OPENED	"you may not open /dev/rdmarpc"
#define JOIN		"join the group rdmarpc and log in again; a container needs the device passed in"
#define SEE_LINK	"see rdma link and rdmarpcctl doctor"

static const struct rdmarpc_error_info errors[] = {
	{ 0, "OK", RDMARPC_OUTCOME_OK, "ok", "", RDMARPC_STAGE_CALL },
	CALL(EREMOTEIO, APP_ERROR, "the handler answered with an error of its own",
	     "its number is the application's to explain"),
	CALL(EOPNOTSUPP, NOT_EXECUTED, "the server has no handler for this method",
	     "start the handler, or call another method"),
	CALL(EBUSY, NOT_EXECUTED, "the server has as much to do as it allows",
	     "try again later, or add handlers"),
	CALL(ESHUTDOWN, NOT_EXECUTED, "the server is going away", "connect again later"),
	CALL(EACCES, NOT_EXECUTED, "the server does not allow this call",
	     "ask the server's administrator"),
	CALL(ENOTCONN, NOT_EXECUTED, "the connection was lost before the request left",
	     "connect again; the call may be repeated"),
	CALL(ETIMEDOUT, MAYBE_EXECUTED, "the deadline passed",
	     "allow more time, or look why the handler is slow"),
	CALL(ECANCELED, MAYBE_EXECUTED, "the call was cancelled",
	     "repeat it only if doing it twice does no harm"),
	CALL(EMSGSIZE, EXECUTED,
	     "the request or the reply is longer than the other side takes, or has room for",
	     "give the reply more room, or send less at once"),
	CALL(ENOBUFS, NOT_EXECUTED, "as much is under way as the connection may have at once",
	     "make fewer large calls at once, or open another connection"),
	CALL(EFAULT, EXECUTED, "the reply's memory could not be written",
	     "give memory that is there and may be written"),
	CALL(EIO, EXECUTED, "the handler failed", "its own log may tell why"),
	CALL(EOWNERDEAD, MAYBE_EXECUTED, "the handler died with the request in its hands",
	     "restart it; repeat the call only if doing it twice does no harm"),
	CALL(ECONNRESET, MAYBE_EXECUTED, "the connection was lost while the call was under way",
	     "connect again; repeat the call only if doing it twice does no harm"),

	CONNECT(ENXIO, NO_DEVICE, LOAD),
	CONNECT(EACCES, "the server does not let you in", "ask the server's administrator"),
	CONNECT(EPERM, NOT_OPENED, JOIN),
	CONNECT(ENOENT, "the name is not known",
		"give an address, or see /etc/hosts and getent hosts"),
	CONNECT(ECONNREFUSED, "nobody listens at that address and port",
		"start a server there: rdmarpcctl server start"),
	CONNECT(EBUSY, "the server has as many connections as it allows",
		"try again later, or raise its --max-connections"),
	CONNECT(ETIMEDOUT, "there was no answer in time",
		"is the server's machine up, and its RDMA device?"),
	CONNECT(EPROTONOSUPPORT, "the server speaks another version of the protocol",
		"install the same version of rdmarpc on both sides"),
	CONNECT(EPROTO, "the peer does not speak this protocol",
		"is the port another program's, or the server at another address?"),
	CONNECT(ECONNRESET, "the connection ended before it was ready for calls",
		"is the server being stopped, or another program's?"),
	CONNECT(ENODEV, "no RDMA device leads to that address", SEE_LINK),
	CONNECT(ENETUNREACH, "no route leads to that address",
		"see ip route and rdmarpcctl doctor"),
	CONNECT(EHOSTUNREACH, "no RDMA path leads to that address", SEE_LINK),
	CONNECT(EADDRNOTAVAIL, "no RDMA device has a way to that address", SEE_LINK),
	CONNECT(EAFNOSUPPORT, "the address is neither IPv4 nor IPv6", "give one that is"),

	SERVE(ENXIO, NO_DEVICE, LOAD),
	SERVE(EACCES, "the server does not let you answer",
	      "ask its owner for rdmarpcctl server set --handler-user"),
	SERVE(EPERM, NOT_OPENED, JOIN),
	SERVE(ENOENT, "no such server on this machine", "see rdmarpcctl server show"),
	SERVE(EEXIST, "the method has a handler in the kernel", "choose another method"),
	SERVE(EUSERS, "as many programs as there may be answer this method already",
	      "stop some, or give one of them more threads"),
	SERVE(EINVAL, "the method takes larger requests already, or the pool is too small for one",
	      "give a larger --max-request, or a --pool of one largest request and reply"),
	SERVE(ESHUTDOWN, "the server has been stopped", "start it again, and then the handler"),

	ADMIN(EPERM, "it needs CAP_NET_ADMIN", "run it as root"),
	ADMIN(ENOENT, "there is no such thing, or no module",
	      "rdmarpcctl server show and connection show list what there is, rdmarpcctl doctor whether the module is"),
	ADMIN(EEXIST, "the name is taken", "choose another, or stop the server that has it"),
	ADMIN(EADDRINUSE, "the address and port are in use",
	      "choose another port, or stop who has it: rdmarpcctl server show"),
	ADMIN(EADDRNOTAVAIL, "no RDMA device has that address", SEE_LINK),
	ADMIN(ENODEV, "no RDMA device is there for it", SEE_LINK),
	ADMIN(EINVAL, "the kernel does not take a value", "see man rdmarpcctl for what it may be"),
	ADMIN(EOPNOTSUPP, "the module does not know this command",
	      "load the module of the tools' version: see rdmarpcctl --version and modinfo rdmarpc"),
	ADMIN(ESHUTDOWN, "the server is being stopped", "wait until it is gone"),
	ADMIN(EAGAIN, "the list changed while it was read", "try again"),
};

const struct rdmarpc_error_info *rdmarpc_error_table(size_t *nr)
{
	*nr = ARRAY_SIZE(errors);
	return errors;
}

const struct rdmarpc_error_info *rdmarpc_error_at(enum rdmarpc_stage stage, int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].stage == stage && errors[i].error == abs(error))
			return &errors[i];
	return NULL;
}

const struct rdmarpc_error_info *rdmarpc_error_info(int error)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_at(RDMARPC_STAGE_CALL, error);

	/* What is not there only the stage can tell. */
	if (info || abs(error) == ENOENT)
		return info;
	return rdmarpc_error_at(RDMARPC_STAGE_CONNECT, error);
}

const char *rdmarpc_error_text(int error)
{
	const struct rdmarpc_error_info *info = rdmarpc_error_info(error);

	return info ? info->text : strerror(abs(error));
}
