"""shipit init: configuration and workflows for a project as it is found."""
