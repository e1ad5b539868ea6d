package kernel

// halfTile is no room: what Winograd maps is left to plain Go.
const halfTile = 0
