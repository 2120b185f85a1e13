"""Reports that reportgen wrote: worked out again from what they carry; nothing in them is taken on trust."""
