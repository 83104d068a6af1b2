#!/usr/bin/perl
# The Sisimai peer of the bench: parse and reason of bare bounces, one JSON line each.
# usage: sisimai.pl FILE...
use strict;
use warnings;
use Sisimai;

my $found = 0;
for my $file (@ARGV) {
	my $bounces = Sisimai->make($file) or next;
	for my $bounce (@$bounces) {
		print $bounce->dump('json'), "\n";
		$found++;
	}
}
print STDERR "$found\n";
