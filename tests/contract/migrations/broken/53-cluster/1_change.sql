CLUSTER users USING users_mail;
