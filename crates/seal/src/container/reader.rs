//! Reading a container (being written).
