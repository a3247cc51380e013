#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Calls that are tampered with: -e inject= and -e fault=.  $1: mini-strace.
set -eu
# shellcheck source=SCRIPTDIR/common.sh
. "$(dirname "$0")/common.sh"

three='cd /tmp; cd /usr; cd /; pwd'
inject() {
	about=$1 want=$2 present=$3 absent=$4 how=$5
	check "$about" "$want" "$present" "$absent" -e trace=chdir -e "inject=chdir:$how" sh -c "$three"
}

inject 'error=' 0 '^chdir\("/tmp"\) += -1 EPERM \(Operation not permitted\) \(INJECTED\)$' ' = 0$' error=EPERM
inject 'error= by number' 0 ' = -1 ENOENT .* \(INJECTED\)$' ' = 0$' error=2
inject 'error= does not make the call' 0 'INJECTED' '' error=EIO
[ "$(cat out)" != / ] || fail 'error=: the call was made' out
inject 'retval=' 0 '^chdir\("/tmp"\) += 7 \(INJECTED\)$' ' = 0$' retval=7
inject 'retval= in the range of errors' 0 '^chdir\("/tmp"\) += -2 \(INJECTED\)$' ' ENOENT' retval=-2
inject 'syscall=' 0 ' = 5 \(INJECTED\)$' ' = 0$' syscall=getppid:retval=5
inject 'signal=' 138 '^--- SIGUSR1 \{si_signo=SIGUSR1, si_code=SI_KERNEL\} ---$' 'INJECTED' signal=USR1
inject 'signal= and error=' 138 ' = -1 EPERM .*\(INJECTED\)$' '' signal=SIGUSR1:error=EPERM
inject 'signal= by number' 138 '^\+\+\+ killed by SIGUSR1 \+\+\+$' '' signal=10
inject 'delay_enter=' 0 ' = 0 \(DELAYED\)$' '' delay_enter=1000
inject 'delay_exit= and error=' 0 ' = -1 EIO .* \(INJECTED\) \(DELAYED\)$' '' delay_exit=1ms:error=EIO
inject 'poke_enter=' 0 '^chdir\("/"\) +=' 'tmp' poke_enter=@arg1=2f00
inject 'poke_enter= is marked' 0 ' = 0 \(INJECTED: args\)$' '' poke_enter=@arg1=2f00
inject 'poke_exit= and retval=' 0 ' = 0 \(INJECTED: args, retval\)$' '' poke_exit=@arg1=2f00:retval=0
inject 'when=2' 0 '^chdir\("/usr"\) .*INJECTED' '^chdir\("(/tmp|/)"\) .*INJECTED' error=EIO:when=2
inject 'when=2+' 0 '^chdir\("/"\) .*INJECTED' '^chdir\("/tmp"\) .*INJECTED' error=EIO:when=2+
inject 'when=1+2' 0 '^chdir\("/"\) .*INJECTED' '^chdir\("/usr"\) .*INJECTED' error=EIO:when=1+2
inject 'when=1..2' 0 '^chdir\("/usr"\) .*INJECTED' '^chdir\("/"\) .*INJECTED' error=EIO:when=1..2
inject 'the last when= counts' 0 '^chdir\("/usr"\) .*INJECTED' '^chdir\("/tmp"\) .*INJECTED' error=EIO:when=1:when=2
check 'fault=' 2 ' = -1 ENOSYS \(Function not implemented\) \(INJECTED\)$' '' -e fault=chdir sh -c 'cd /'
check '--inject' 2 ' = -1 ENOENT .* \(INJECTED\)$' '' --inject=chdir:error=ENOENT sh -c 'cd /'
check '--fault' 2 ' = -1 EIO .* \(INJECTED\)$' '' --fault=chdir:error=EIO:when=1 sh -c 'cd /'
check 'a class' 0 '^openat\(.* \(DELAYED\)$' '' -e inject=%file:delay_enter=1us cat /etc/passwd
check 'only what is traced' 0 'exited with 0' 'INJECTED' -e trace=close -e inject=chdir:error=EIO sh -c 'cd /'
check 'counts for each process' 2 '^\[pid +[0-9]+\] chdir\("/usr"\) .*INJECTED' '"/(bin|tmp)"\) .*INJECTED' -f -e trace=chdir \
	-e inject=chdir:error=EIO:when=2 sh -c '(cd /tmp; cd /usr; :); cd /bin; cd /etc'
check '-P narrows it' 1 '^openat\(.*passwd.*INJECTED' 'ld.so' -P /etc/passwd -e inject=%file:error=EACCES cat /etc/passwd

start=$(date +%s%N)
"$tool" -o trace -e trace=chdir -e inject=chdir:delay_enter=200ms:delay_exit=0.1s sh -c 'cd /'
[ $(($(date +%s%N) - start)) -ge 300000000 ] || fail 'delays are as long as asked for' trace
"$tool" -f -o trace -e trace=chdir -e inject=chdir:delay_enter=2s sh -c '(cd /; :) & sleep 0.2; echo on; kill $!; wait' >out
grep -q on out || fail 'others go on during a delay' trace

for wrong in chdir chdir: chdir:x chdir:when=1 chdir:error=0 chdir:error=4096 chdir:error=EFOO chdir:error=1:retval=2 \
	chdir:error=1:error=2 chdir:delay_enter=x chdir:signal=99 chdir:syscall=open chdir:syscall=getppid \
	chdir:poke_enter=@arg9=00 chdir:poke_enter=@arg1=0 chdir:poke_enter=@arg1= chdir:error=1:when=0 chdir:error=1:when=2..1 \
	chdir:error=1:when=65536 chdir:error=1:when=1..65535 chdir:error=1:when=1+0 chdir:error=1:when=x; do
	check "wrong: $wrong" 1 "^mini-strace: invalid inject argument '" 'execve' -e "inject=$wrong" true
done
check 'wrong: no such call' 1 "^mini-strace: invalid system call 'nonesuch'$" '' -e inject=nonesuch:error=EIO true
check 'wrong: fault with a signal' 1 "^mini-strace: invalid fault argument '" '' -e fault=chdir:signal=USR1 true
exit "$failed"
